/** Whether the window is at least so many pixels wide, followed as it changes. */
import { useEffect, useState } from "preact/hooks";

export function useWide(pixels: number): boolean {
	const query = `(min-width: ${pixels}px)`;
	const [wide, setWide] = useState(() => matchMedia(query).matches);
	useEffect(() => {
		const list = matchMedia(query);
		const follow = () => setWide(list.matches);
		follow();
		list.addEventListener("change", follow);
		return () => list.removeEventListener("change", follow);
	}, [query]);
	return wide;
}
