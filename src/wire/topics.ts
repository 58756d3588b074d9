/** Topic patterns (A4), for the records of a job and for the events of the swarm alike. */

/**
 * Whether a topic matches a pattern. Both are words separated by dots. In a pattern `*` stands for any run of
 * characters within a word (`research_*` matches `research_plan`), and a word `**` for all words that are left, none
 * included. Patterns come from peers, so the cost is bounded by the product of the lengths: no backtracking engine.
 */
export function matchesTopic(pattern: string, topic: string): boolean {
	const words = topic.split(".");
	const patterns = pattern.split(".");
	for (const [index, part] of patterns.entries()) {
		if (part === "**") return true;
		const word = words[index];
		if (word === undefined || !matchesWord(part, word)) return false;
	}
	return patterns.length === words.length;
}

/** Greedy glob: on a mismatch only the last star takes one character more. */
function matchesWord(pattern: string, word: string): boolean {
	let at = 0;
	let star = -1;
	let resume = 0;
	let i = 0;
	while (i < word.length) {
		if (pattern[at] === "*") {
			star = at++;
			resume = i;
		} else if (at < pattern.length && pattern[at] === word[i]) {
			at++;
			i++;
		} else if (star >= 0) {
			at = star + 1;
			i = ++resume;
		} else return false;
	}
	while (pattern[at] === "*") at++;
	return at === pattern.length;
}
