/**
 * Words that people use for one another when they ask: of no field in particular, and only where a swap seldom changes
 * what a sentence is about. A question that says "forward" should find a text that says "deliver".
 */
import { stemEnglish } from "../../documents/stemmer.ts";

const GROUPS = `
forward deliver propagate transmit
send transmit emit
receive obtain
stop halt end terminate cease
start begin launch
error failure fault mistake
fail failure break
issue finding problem flaw vulnerability weakness discovery
severe severity critical serious
danger risk hazard threat
limit cap bound restrict maximum quota
maximum largest upper
minimum smallest lower
fast quick rapid
slow delay lag
delay latency
cost price expense fee
pay cost price
increase grow rise raise
decrease reduce lower decline
choose select pick
remove delete drop prune evict
ask request query
answer reply response respond
fix repair mend patch resolve
big large
small little tiny
change alter modify
replace substitute swap
prevent avoid avert protect
attack attacker adversary malicious
discover detect locate
check verify validate
test trial experiment
encrypt cipher encipher
join enter
leave exit quit
penalize penalise punish penalty
reward boost bonus
recommend suggest advise recommendation
default recommended
purpose goal aim intend
duration period length
conclude conclusion verdict
author wrote written
advantage benefit strength
drawback disadvantage weakness
cause because due
allow permit
forbid prohibit deny
refuse reject decline
identify recognise recognize
size length
broken damaged
warm heat hot
cold cool
buy purchase order
person people staff
meeting session
agree accept approve
decide decision resolve
differ difference distinguish
support compatible
require must need
create generate
store save persist
expire expiration expiry
retry reconnect
register registration
live lifetime ttl expire
take last invest spend
lead leader
heavy weight weigh heavier
energy electricity power kwh watt
first 1
second 2
third 3
fourth 4
fifth 5
win won winner
`;

const related = new Map<string, Set<string>>();
for (const line of GROUPS.trim().split("\n")) {
	const stems = line.split(" ").map(stemEnglish);
	for (const stem of stems) {
		const known = related.get(stem) ?? new Set<string>();
		for (const other of stems) if (other !== stem) known.add(other);
		related.set(stem, known);
	}
}

/** Stems that may stand for the stem of a word, in a fixed order. */
export function relatedStems(stem: string, word: string): readonly string[] {
	const stems = new Set(related.get(stem) ?? []);
	// The stemmer leaves comparatives alone: "warmer" and "warm" are two stems.
	const plain = /^([a-z]{3,}?)(?:er|est)$/.exec(word.toLowerCase())?.[1];
	if (plain !== undefined)
		for (const form of [plain, `${plain}e`, plain.replace(/(.)\1$/, "$1")])
			stems.add(stemEnglish(form));
	stems.delete(stem);
	return [...stems];
}
