/** Light, dark, or as the system has it; kept on this device. */
import { signal } from "@preact/signals";

export type Theme = "as the system" | "light" | "dark";

const KEY = "shoal-colours";
const order: readonly Theme[] = ["as the system", "light", "dark"];

export const theme = signal<Theme>("as the system");

/** The theme that comes after one. */
export function nextTheme(now: Theme): Theme {
	return order[(order.indexOf(now) + 1) % order.length] ?? "as the system";
}

/** Shows a theme and keeps it. Every colour is a `light-dark()`, so the colour scheme is all there is to set. */
export function setTheme(to: Theme): void {
	show(to);
	try {
		localStorage.setItem(KEY, to);
	} catch (error) {
		// Storage is refused in some private windows: the choice then lasts as long as the page.
		if (!(error instanceof DOMException)) throw error;
	}
}

/** Shows the theme that was kept. */
export function restoreTheme(): void {
	try {
		const kept = localStorage.getItem(KEY);
		show(order.find((known) => known === kept) ?? "as the system");
	} catch (error) {
		if (!(error instanceof DOMException)) throw error;
	}
}

function show(to: Theme): void {
	theme.value = to;
	document.documentElement.style.colorScheme = to === "as the system" ? "" : to;
}
