/** The page's side of drafts, made of the calls of the node worker; fetched when there is one, or somebody asks. */
import { proxy, type Remote } from "comlink";
import { ShoalError } from "../wire/error.ts";
import type { DraftsApi, DraftView, OpenDraft } from "./api.ts";
import { DraftEditor } from "./draft-editor.ts";
import type { DraftsService } from "./drafts-service.ts";
import { createRoomHolder } from "./outside-rooms.ts";
import { optionsOf, textOf } from "./page-input.ts";

export type RemoteDrafts = Remote<DraftsService>;

/** The page API's drafts, but that what a page begins takes a call to the worker. */
export type DraftsPart = Omit<DraftsApi, "watch" | "open"> & {
	/** Returns what ends it. */
	watch(listener: Parameters<DraftsApi["watch"]>[0]): Promise<unknown>;
	open(...given: Parameters<DraftsApi["open"]>): Promise<OpenDraft>;
	/** Holds the rooms of this device from now on. Returns what ends it. */
	holdRooms(): Promise<unknown>;
};

/** @throws ShoalError `bad-input` for what is no whole number from 0 on */
function countOf(value: unknown): number {
	if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value);
	throw new ShoalError("bad-input", "A place is a whole number.");
}

export function openDrafts(service: RemoteDrafts): DraftsPart {
	return {
		create: async (options) => {
			const { title = "", text = "" } = optionsOf(options);
			return service.create({ title: textOf(title), text: textOf(text) });
		},
		list: () => service.list(),
		watch: (listener) => service.watch(proxy(listener)),
		read: (id) => service.read(id),
		edit: async (id, change, version) => {
			const { at, remove, insert } = optionsOf(change);
			const splice = {
				at: countOf(at),
				remove: countOf(remove),
				insert: textOf(insert),
			};
			if (version !== undefined) countOf(version);
			return service.edit(id, splice, version);
		},
		remove: (id) => service.remove(id),
		async share(id) {
			if (!isSecureContext)
				throw new ShoalError(
					"unsupported",
					"A draft can be opened to people outside only on a page that came over HTTPS, or on this computer's own address.",
				);
			return service.share(id);
		},
		unshare: (id) => service.unshare(id),
		async open(id, listener) {
			let view: DraftView | undefined;
			const show = (move: (position: number) => number): void => {
				if (view === undefined) return;
				const { text } = editor;
				// Of what is typed and not yet stored the worker knows nothing.
				const shift = editor.moveFrom(view.text);
				const spans = view.spans.map((span) => ({
					...span,
					start: shift(span.start),
					end: shift(span.end),
				}));
				listener({ ...view, text, spans }, move);
			};
			const editor = new DraftEditor(
				(splice, version) => service.edit(id, splice, version),
				show,
			);
			let begin = (): void => undefined;
			const first = new Promise<void>((resolve) => {
				begin = resolve;
			});
			const close = await service.open(
				id,
				proxy((now: DraftView) => {
					view = now;
					editor.told(now);
					begin();
				}),
			);
			await first;
			return {
				type: async (text, shown) => {
					if (shown !== undefined) textOf(shown);
					return editor.type(textOf(text), shown);
				},
				close: () => void close(),
			};
		},
		holdRooms: () =>
			service.watchRooms(
				proxy(createRoomHolder(service, new URL(".", location.href).href)),
			),
	};
}
