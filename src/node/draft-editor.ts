/** A draft in an editor of the page: what a person types and what others write meanwhile, merged while neither waits. */
import { splicesBetween } from "../wire/text-diff.ts";
import {
	applySplices,
	movePosition,
	moveSplices,
	type Splice,
} from "../wire/text-splice.ts";

interface Version {
	readonly version: number;
	readonly text: string;
}

type Move = (position: number) => number;

export class DraftEditor {
	readonly #send: (splice: Splice, version: number) => Promise<Version>;
	readonly #show: (move: Move) => void;
	/** The version that the editor's text is based on. */
	#base: Version | undefined;
	/** What was told while an edit was under way. */
	#told: Version | undefined;
	#text = "";
	#sending: Promise<void> | undefined;

	/**
	 * @param send makes an edit of a version; resolves with what there is after it
	 * @param show `text`, or what is said of it, is another; `move` tells where a position in the text before stands now
	 */
	constructor(
		send: (splice: Splice, version: number) => Promise<Version>,
		show: (move: Move) => void,
	) {
		this.#send = send;
		this.#show = show;
	}

	/** What the editor should show. */
	get text(): string {
		return this.#text;
	}

	/** Where positions of another text stand in this one. */
	moveFrom(text: string): Move {
		const changes = splicesBetween(text, this.#text);
		return (position) => changes.reduceRight(movePosition, position);
	}

	/** The draft is this now, somebody's edits included. */
	told(now: Version): void {
		if (this.#sending === undefined) this.#rebase(this.#base?.text ?? "", now);
		else {
			this.#told = now;
			this.#show((position) => position);
		}
	}

	/**
	 * A person has typed. Resolves once it is stored. Before the first version is told there is nothing to type into.
	 *
	 * @param shown what stood in the editor before
	 */
	type(text: string, shown = this.#text): Promise<void> {
		const theirs = splicesBetween(shown, this.#text);
		const typed = moveSplices(splicesBetween(shown, text), theirs);
		this.#text = applySplices(this.#text, typed);
		const move = this.moveFrom(text);
		const sent = this.#work();
		this.#show(move);
		return sent;
	}

	/** One edit at a time; what is typed meanwhile is the next one. */
	#work(): Promise<void> {
		this.#sending ??= this.#run().finally(() => {
			this.#sending = undefined;
			const told = this.#told;
			this.#told = undefined;
			// Told while the last edit was under way, it may be older than what the edit brought.
			if (told !== undefined && told.version > (this.#base?.version ?? 0))
				this.told(told);
		});
		return this.#sending;
	}

	async #run(): Promise<void> {
		for (;;) {
			const base = this.#base;
			if (base === undefined) return;
			const [splice] = splicesBetween(base.text, this.#text);
			if (splice === undefined) return;
			const sent = applySplices(base.text, [splice]);
			this.#rebase(sent, await this.#send(splice, base.version));
		}
	}

	/** What was typed beyond `known` is put on top of what there is now. */
	#rebase(known: string, now: Version): void {
		const theirs = splicesBetween(known, now.text);
		const typed = splicesBetween(known, this.#text);
		const before = this.#text;
		this.#base = now;
		this.#text = applySplices(now.text, moveSplices(typed, theirs));
		this.#show(this.moveFrom(before));
	}
}
