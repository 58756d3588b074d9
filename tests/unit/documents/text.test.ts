import fc from "fast-check";
import snowball from "snowball-stemmers";
import { describe, expect, it } from "vitest";
import {
	mergeStatistics,
	naturalLog,
	occurrencesIn,
	type ShardStatistics,
	scorePassage,
} from "../../../src/documents/bm25.ts";
import {
	DocumentIndex,
	IndexCache,
} from "../../../src/documents/document-index.ts";
import { pageAt, passagesOf } from "../../../src/documents/passages.ts";
import { cutSentences, unitsOf } from "../../../src/documents/sentences.ts";
import { stemEnglish } from "../../../src/documents/stemmer.ts";
import { termsOf, wordCount } from "../../../src/documents/terms.ts";
import { TextBuilder } from "../../../src/documents/text-builder.ts";
import type { ExtractedText } from "../../../src/documents/types.ts";

const sentences = (text: string): string[] =>
	cutSentences(text, 0, text.length).map(([a, b]) => text.slice(a, b));

describe("sentences", () => {
	it.each([
		["Dr. Brandt came, e.g. on Monday. She left.", 2],
		["It was vs. them, cf. Fig. 3 and No. 7. Fine.", 2],
		["Version v1.1 is 3.5 times faster. Good.", 2],
		["M. Heiderich and A. B. Pirker wrote it. We read it.", 2],
		["He asked “Why?” and left. “Now!” she said.", 2],
		["Apples, pears, etc. The rest is gone.", 2],
		["Wait... what is that? Nothing!", 2],
		["The U.S. is large. So is Asia.", 2],
		["これは文です。次の文です！", 2],
		["One sentence without a stop", 1],
		["We met at 6 p.m. on Friday.", 1],
		["It is over (see below). Really.", 2],
	])("[B8] %s", (text, count) => {
		expect(sentences(text)).toHaveLength(count);
	});

	it("cover everything but spaces, in order, whatever the text", () => {
		fc.assert(
			fc.property(
				fc.string({
					unit: fc.constantFrom(...'ab. ?!A1\n"(|-\t。é'.split("")),
					maxLength: 200,
				}),
				(text) => {
					const units = unitsOf({ format: "text", text, headings: [] });
					let at = 0;
					for (const { start, end } of units) {
						expect(start).toBeGreaterThanOrEqual(at);
						expect(end).toBeGreaterThan(start);
						at = end;
					}
				},
			),
		);
	});

	it("without a full stop for pages are cut all the same", () => {
		expect(sentences("word ".repeat(2_000)).length).toBeGreaterThan(8);
	});
});

function article(): ExtractedText {
	const builder = new TextBuilder("markdown");
	builder.heading("Pumps", 1);
	for (let i = 0; i < 10; i++)
		builder.paragraph(
			`Sentence number ${i} speaks of pumps and of their many fuses. `.repeat(
				3,
			),
		);
	builder.heading("Fuses", 2);
	builder.paragraph("Short one.");
	builder.heading("Lamps", 1);
	builder.paragraph("Lamps hum.");
	return builder.finish();
}

describe("passages", () => {
	it("are whole sentences of about 60-120 words, never across a heading", () => {
		const text = article();
		const passages = passagesOf(text);
		for (const passage of passages.slice(0, -3)) {
			const words = wordCount(text.text.slice(passage.start, passage.end));
			expect(words).toBeGreaterThanOrEqual(60);
			expect(words).toBeLessThanOrEqual(120);
		}
		expect(passages.map((each) => each.index)).toEqual(
			passages.map((_, i) => i),
		);
		expect(passages.at(-2)?.headings).toEqual(["Pumps", "Fuses"]);
		expect(passages.at(-1)?.headings).toEqual(["Lamps"]);
		expect(text.text.slice(passages.at(-1)?.start, passages.at(-1)?.end)).toBe(
			"Lamps hum.",
		);
	});

	it("know their page", () => {
		expect([0, 9, 10, 25].map((offset) => pageAt([0, 10, 20], offset))).toEqual(
			[1, 1, 2, 3],
		);
		expect(pageAt(undefined, 3)).toBeUndefined();
	});
});

describe("terms", () => {
	it("fold, stem and drop stop words", () => {
		expect(termsOf("The Pumps were FAILING at the café")).toEqual([
			"pump",
			"fail",
			"cafe",
		]);
	});

	it("keep identifiers whole", () => {
		expect(termsOf("gossipsub v1.1 and P₃b, D_lo, /meshsub/1.1.0")).toEqual(
			expect.arrayContaining(["v1.1", "p3b", "d_lo", "meshsub/1.1.0"]),
		);
		expect(termsOf("GossipThreshold")).toEqual(
			expect.arrayContaining(["gossip", "threshold"]),
		);
		expect(termsOf("peer’s")).toEqual(termsOf("peer"));
	});

	it("cut scripts without spaces into pairs, and leave other alphabets whole", () => {
		expect(termsOf("東京都")).toEqual(["東京", "京都"]);
		expect(termsOf("Москва растёт")).toHaveLength(2);
	});

	it("are stemmed as Snowball's Porter2 does", () => {
		const oracle = snowball.newStemmer("english");
		const words = [
			...`running flies dying happily national relational conditional hopping hoping agreed feed skies news
inning proceed generate general communism arsenal controlled controlling falling fell yellow sayings says boys cries
knightly electricity electrical vietnamization feudalism replacement adjustment adoption effective bowdlerize rating
sensibly boxes goodness hopeful formative triplicate callousness decisiveness geology luxuriously abilities oed`.split(
				/\s+/,
			),
		];
		for (const word of words)
			expect([word, stemEnglish(word)]).toEqual([word, oracle.stem(word)]);
		fc.assert(
			fc.property(
				fc.array(
					fc.constantFrom(
						"a",
						"e",
						"y",
						"s",
						"t",
						"l",
						"n",
						"b",
						"ing",
						"ed",
						"ational",
						"li",
						"ly",
						"ment",
						"ion",
						"ous",
						"ies",
						"'s",
					),
					{ minLength: 1, maxLength: 6 },
				),
				(parts) => {
					const word = parts.join("");
					expect([word, stemEnglish(word)]).toEqual([word, oracle.stem(word)]);
				},
			),
			{ numRuns: 2_000 },
		);
	});
});

describe("BM25", () => {
	it("in shards gives exactly the scores of one index", () => {
		const index = new DocumentIndex(article());
		const concepts = [{ forms: ["pump"] }, { forms: ["fuse", "lamp"] }];
		const statistics = (from: number, to: number): ShardStatistics => {
			const all = index.passages
				.slice(from, to)
				.map((each) => index.termsAt(each.index));
			const having = (forms: readonly string[]): number =>
				all.filter((terms) => occurrencesIn(terms, [{ forms }])).length;
			return {
				passages: to - from,
				length: all.reduce((sum, each) => sum + each.length, 0),
				frequency: concepts.map(({ forms }) => having(forms)),
				exact: concepts.map(({ forms }) => having(forms.slice(0, 1))),
			};
		};
		const whole = statistics(0, index.passages.length);
		const merged = mergeStatistics(
			[
				statistics(0, 3),
				statistics(3, 4),
				statistics(4, index.passages.length),
			],
			2,
		);
		expect(merged).toEqual(whole);
		const terms = index.termsAt(0);
		const score = scorePassage(
			occurrencesIn(terms, concepts) ?? [],
			terms.length,
			merged,
			[1, 1],
		);
		expect(score).toBeGreaterThan(0);
	});

	it("has a logarithm of its own, as good as the platform's", () => {
		fc.assert(
			fc.property(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), (x) => {
				expect(naturalLog(x)).toBeCloseTo(Math.log(x), 11);
			}),
		);
	});

	it("opens a document once, and again after a failed read", async () => {
		const cache = new IndexCache();
		let reads = 0;
		const read = () => {
			reads++;
			return reads === 1
				? Promise.reject(new Error("away"))
				: Promise.resolve(article());
		};
		await expect(cache.get("a", read)).rejects.toThrow("away");
		await cache.get("a", read);
		await cache.get("a", read);
		expect(reads).toBe(2);
	});
});
