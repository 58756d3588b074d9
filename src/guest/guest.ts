/**
 * The page that the link of an open draft leads to, for people outside the swarm: one text, and who is there. Plain DOM:
 * what the screens are made of is not fetched for it.
 */
import { fillField } from "../ui/drafts/text-field.ts";
import { MAX_ROOM_BYTES } from "../wire/constants.ts";
import { type OutsideRoom, parseOutsideLink } from "../wire/outside-link.ts";
import { enterRoom, type RoomState } from "./shared-room.ts";
import "../ui/drafts/text-field.css";
import "../ui/late.css";
import "./guest.css";

/** Shows the text that the address leads to, or why it cannot be shown. */
export function start(place: Element): void {
	document.title = "A shared text – Shoal";
	const room = parseOutsideLink(location.hash);
	const mark = made("img", "");
	mark.src = "/icons/shoal.svg";
	mark.alt = "";
	const main = made("main", "guest", made("h1", "", mark, "A shared text"));
	place.replaceChildren(main);
	if (!isSecureContext)
		main.append(
			fault(
				"This text can be opened over HTTPS only. Ask for a link that begins with https.",
			),
		);
	else if (room === undefined)
		main.append(
			fault("This link is not complete. Copy all of it, or ask for it again."),
		);
	else main.append(...textOf(room));
}

function textOf(room: OutsideRoom): HTMLElement[] {
	const people = made("p", "people");
	people.setAttribute("role", "status");
	const area = made("textarea", "");
	area.setAttribute("aria-label", "The shared text");
	const under = made("div", "under");
	under.ariaHidden = "true";
	const warning = made("p", "warn-text");
	warning.setAttribute("role", "alert");

	const tell = (state: RoomState): void => {
		const isTogether = state.people > 0 && state.isSynced;
		people.classList.toggle("together", isTogether);
		say(people, peopleWords(state));
		// What is typed while nobody is there would be lost with this page.
		area.readOnly = !isTogether;
		say(warning, sizeWords(state));
	};
	const signaling = new URL("relay", location.href);
	signaling.protocol = signaling.protocol.replace("http", "ws");
	signaling.hash = "";
	fillField(
		area,
		(show) => enterRoom(room, signaling.href, show, tell),
		(text) => {
			// A last line that is empty would have no height without the space.
			under.textContent = `${text} `;
		},
	);
	return [
		people,
		made("div", "text-field", area, under),
		warning,
		made(
			"p",
			"hint",
			"Somebody opened this text to you from Shoal. Everybody in it sees what you write as you write it, marked as coming from outside. Whoever has the link can read it and write in it.",
		),
	];
}

function peopleWords({ people, isSynced }: RoomState): string {
	if (people === 0)
		return isSynced
			? "Nobody else is here now. You can copy the text, and write again when somebody is back."
			: "Waiting for the page that shares it. It must be open there.";
	if (!isSynced) return "Fetching the text…";
	return people === 1 ? "Connected" : `Connected to ${people} others`;
}

function sizeWords({ size, kilobytes }: RoomState): string {
	if (size === "fine") return "";
	return size === "refused"
		? "That was too much: a text that is shared like this cannot be larger. Nothing of it was added."
		: `This text is nearly as large as one can be that is shared like this: ${kilobytes} of ${Math.round(MAX_ROOM_BYTES / 1000)} kB. Please make it shorter; beyond that it is closed.`;
}

function fault(words: string): HTMLElement {
	const element = made("p", "fault", words);
	element.setAttribute("role", "alert");
	return element;
}

/** Said once: a screen reader repeats what is set again. */
function say(element: HTMLElement, words: string): void {
	if (element.textContent !== words) element.textContent = words;
}

function made<K extends keyof HTMLElementTagNameMap>(
	tag: K,
	className: string,
	...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
	const element = document.createElement(tag);
	element.className = className;
	element.append(...children);
	return element;
}
