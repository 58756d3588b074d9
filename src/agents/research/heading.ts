/** A question as a heading: "How does X score Y?" becomes "How X scores Y". Where unsure, its own words stay. */

/** Verbs that questions are made of, in their plain form. */
const VERBS: ReadonlySet<string> = new Set(
	`accept achieve add affect aim allow answer apply ask assign attack authenticate avoid become begin break bring build
calculate call cause change check choose close combine compare compute conclude confirm connect consist contain
contribute control cost count create decide decrease define delete deliver depend detect determine differ discover
distribute divide drop enable encode encrypt end enforce ensure enter establish estimate exchange expect expire explain
fail fall find fix flow follow force forward gain generate get give go grow guarantee handle happen help hold identify
implement improve include increase influence inform introduce issue join keep know last lead learn leave let limit link
listen locate lose maintain make manage mark match matter mean measure meet mix move need negotiate notice obtain occur
offer open operate own pass pay penalize perform pick plan play prefer prepare prevent produce protect prove provide
prune publish pull push put reach react read receive recommend recover reduce refuse reject relate relay rely remain
remove replace reply report request require reserve resolve respond restrict return reward rise rotate run save say
score search secure see select send separate serve set share show sign solve specify spend spread start stay stop store
suggest supply support survive take tell terminate test tie time trade transmit treat trigger trust try turn use
validate vary verify wait want warn win work write`.split(/\s+/),
);

const IRREGULAR_PAST: Readonly<Record<string, string>> = {
	become: "became",
	begin: "began",
	break: "broke",
	bring: "brought",
	build: "built",
	choose: "chose",
	cost: "cost",
	fall: "fell",
	find: "found",
	get: "got",
	give: "gave",
	go: "went",
	grow: "grew",
	hold: "held",
	keep: "kept",
	know: "knew",
	lead: "led",
	leave: "left",
	let: "let",
	lose: "lost",
	make: "made",
	mean: "meant",
	meet: "met",
	pay: "paid",
	put: "put",
	read: "read",
	rise: "rose",
	run: "ran",
	say: "said",
	see: "saw",
	send: "sent",
	set: "set",
	show: "showed",
	spend: "spent",
	spread: "spread",
	take: "took",
	tell: "told",
	win: "won",
	write: "wrote",
};

/** Verbs whose last consonant doubles. */
const DOUBLING =
	/^(?:stop|plan|drop|occur|prefer|commit|permit|refer|transmit|fit|cut)$/;
const MAX_HEADING = 90;

/** Whether a word, in any of its forms, is a verb that says little about the subject. */
export function isCommonVerb(word: string): boolean {
	const lower = word.toLowerCase();
	return [
		lower,
		lower.replace(/(?:ed|es|s|ing|d)$/, ""),
		lower.replace(/ing$/, "e"),
		lower.replace(/[ds]$/, ""),
	].some((form) => VERBS.has(form));
}

/** A heading for the section that answers a question. */
export function headingOf(question: string): string {
	const bare = question
		.replace(/\s+/g, " ")
		.trim()
		.replace(/[?!.\s]+$/, "");
	return shorten(capital(turned(bare)));
}

function turned(question: string): string {
	const what = /^what(?:'s| is| are| was| were) (.+)$/i.exec(question)?.[1];
	// "What is a peer ID": the thing itself is the heading, unless more is said about it.
	if (
		what !== undefined &&
		!/\b(?:used|done|made|said|meant|changed|called|needed|required|happening|going|it|they)\b/i.test(
			what,
		)
	)
		return what.replace(/^(?:an?|the) /i, "");
	const helper = /^(.*?)\b(does|do|did)\s+(.+)$/i.exec(question);
	if (!helper) return inverted(question);
	const [, before = "", auxiliary = "", behind = ""] = helper;
	if (
		!/^(?:how|why|when|where|what|which|who|whom|whose|in|on|at)\b/i.test(
			before,
		)
	)
		return question;
	const words = behind.split(" ");
	let at = words.findIndex(
		(word, i) =>
			i > 0 &&
			VERBS.has(word.toLowerCase()) &&
			!/^(?:an?|the|each|every|its|their|this)$/i.test(words[i - 1] ?? ""),
	);
	// "does peer exchange help": the last of several is the verb, the others belong to its subject.
	while (at > 0 && VERBS.has((words[at + 1] ?? "").toLowerCase())) at++;
	if (at < 0) return question;
	const verb = (words[at] ?? "").toLowerCase();
	const form =
		auxiliary.toLowerCase() === "does"
			? third(verb)
			: auxiliary.toLowerCase() === "did"
				? past(verb)
				: verb;
	if (words[at - 1] === "not") return question;
	return `${before}${[...words.slice(0, at), form, ...words.slice(at + 1)].join(" ")}`;
}

/** "How are peers identified" becomes "How peers are identified". */
function inverted(question: string): string {
	const match =
		/^((?:how|why|when|where)(?: (?:many|much|long|often|far))?) (is|are|was|were|can|should|will|must) ((?:(?:an?|the|each|every) )?(?!(?:an?|the|each|every)\b)[\w'-]+(?: [\w'-]+){0,3}?) ([\w-]+(?:ed|en|ound|ent|ept|ade|one|un|own|old|put|et|it))\b(.*)$/i.exec(
			question,
		);
	if (!match) return question;
	const [, asking, auxiliary, subject, verb, rest] = match;
	return `${asking} ${subject} ${auxiliary} ${verb}${rest}`;
}

function third(verb: string): string {
	if (verb === "have") return "has";
	if (/(?:s|x|z|ch|sh|o)$/.test(verb)) return `${verb}es`;
	return /[^aeiou]y$/.test(verb) ? `${verb.slice(0, -1)}ies` : `${verb}s`;
}

function past(verb: string): string {
	const irregular = IRREGULAR_PAST[verb];
	if (irregular !== undefined) return irregular;
	if (verb.endsWith("e")) return `${verb}d`;
	if (/[^aeiou]y$/.test(verb)) return `${verb.slice(0, -1)}ied`;
	return DOUBLING.test(verb) ? `${verb}${verb.at(-1)}ed` : `${verb}ed`;
}

const capital = (text: string): string =>
	text.charAt(0).toUpperCase() + text.slice(1);

function shorten(text: string): string {
	if (text.length <= MAX_HEADING) return text;
	const cut = text.slice(0, MAX_HEADING);
	return `${cut.slice(0, Math.max(40, cut.lastIndexOf(" ")))}…`;
}
