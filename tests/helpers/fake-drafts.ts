/** Pretended drafts behind the page API, for looking at and testing the screens. */
import type {
	DraftInfo,
	DraftShare,
	DraftSize,
	DraftsApi,
	DraftView,
} from "../../src/node/api.ts";

const TEXT = `Notes for the third trial

Two pumps, on separate circuits. Sam checks the alarm limits at every shift.

Ask the supplier whether the second pump can be here before the 12th.
Hello, this is Kim from the supplier: we can send it on the 9th.
`;
const OUTSIDE = "Hello, this is Kim";

/** Drafts of a swarm: one open to the outside, one not; `near` makes the first almost too large. */
export function createFakeDrafts(
	devices: readonly { readonly id: string }[],
	near: boolean,
	empty: boolean,
): DraftsApi {
	const device = devices[0]?.id ?? "";
	const other = devices[1]?.id ?? device;
	const drafts = new Map<string, DraftView>();
	const listeners = new Map<string, Set<Parameters<DraftsApi["open"]>[1]>>();
	const lists = new Set<(list: DraftInfo[]) => void>();
	let nextId = 1;

	const add = (title: string, text: string, more: Partial<DraftView> = {}) => {
		const id = `draft-${nextId++}`;
		const view: DraftView = {
			id,
			title,
			device,
			createdAt: Date.now() - nextId * 3_600_000,
			isShared: false,
			version: 1,
			text,
			spans: spansOf(text, device, other),
			share: null,
			closedBecause: null,
			size: sizeOf(text.length),
			...more,
		};
		drafts.set(id, view);
		return view;
	};
	const list = (): DraftInfo[] => [...drafts.values()];
	const change = (id: string, more: Partial<DraftView>): DraftView => {
		const now = drafts.get(id);
		if (now === undefined) throw new Error("There is no such draft.");
		const view = { ...now, ...more };
		drafts.set(id, view);
		for (const listener of listeners.get(id) ?? []) listener(view, same);
		for (const listener of lists) listener(list());
		return view;
	};
	if (!empty) {
		add("Notes for the third trial", TEXT, {
			isShared: true,
			share: shareOf(device),
			...(near && { size: sizeOf(215_000) }),
		});
		add("Letter to the board", "Dear board,\n", {
			closedBecause: near
				? "Somebody outside sent something else than plain text."
				: null,
		});
	}
	return {
		create: async ({ title = "Untitled draft", text = "" } = {}) => {
			const made = add(title, text);
			change(made.id, {});
			return made;
		},
		list: async () => list(),
		watch: (listener) => {
			lists.add(listener);
			listener(list());
			return () => lists.delete(listener);
		},
		read: async (id) => change(id, {}),
		open: (id, listener) => {
			const own = listeners.get(id) ?? new Set();
			listeners.set(id, own.add(listener));
			const view = drafts.get(id);
			if (view !== undefined) listener(view, same);
			return {
				type: async (text) => {
					const version = (drafts.get(id)?.version ?? 0) + 1;
					change(id, { text, version, spans: spansOf(text, device, other) });
				},
				close: () => own.delete(listener),
			};
		},
		edit: async (id, { at, remove, insert }) => {
			const text = drafts.get(id)?.text ?? "";
			return change(id, {
				text: text.slice(0, at) + insert + text.slice(at + remove),
			});
		},
		remove: async (id) => {
			drafts.delete(id);
			for (const listener of lists) listener(list());
		},
		share: async (id) => {
			const share = shareOf(device);
			change(id, { share, isShared: true, closedBecause: null });
			return share;
		},
		unshare: async (id) => {
			change(id, { share: null, isShared: false });
		},
	};
}

const same = (position: number): number => position;

function spansOf(text: string, device: string, other: string) {
	const start = text.indexOf(OUTSIDE);
	if (start < 0)
		return [{ start: 0, end: text.length, device, outside: false }];
	const end = text.indexOf("\n", start) + 1;
	const half = Math.floor(start / 2);
	return [
		{ start: 0, end: half, device, outside: false },
		{ start: half, end: start, device: other, outside: false },
		{ start, end, device, outside: true },
	];
}

function sizeOf(bytes: number): DraftSize {
	const limit = 245_760;
	return { bytes, limit, state: bytes > 196_608 ? "near" : "fine" };
}

function shareOf(device: string): DraftShare {
	const room = "shoal-draft-kD3vR0xq7mWcT1uYpLs2eA";
	const password = "n0tAr3alPa55w0rdAtAll_";
	return {
		room,
		password,
		url: `${location.origin}/#draft=${room}.${password}`,
		signaling: `${location.origin.replace("http", "ws")}/relay`,
		device,
		people: 1,
	};
}
