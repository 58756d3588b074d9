/** The mark: five fish, one direction. */
export function Mark() {
	return (
		<svg class="mark" viewBox="0 0 40 32" aria-hidden="true">
			<path d="M2 14c3-4 9-4 12 0-3 4-9 4-12 0z" />
			<path opacity=".82" d="M14 6c3-4 9-4 12 0-3 4-9 4-12 0z" />
			<path opacity=".66" d="M15 21c3-4 9-4 12 0-3 4-9 4-12 0z" />
			<path opacity=".52" d="M27 13c3-4 9-4 12 0-3 4-9 4-12 0z" />
			<path opacity=".38" d="M27 27c3-4 9-4 12 0-3 4-9 4-12 0z" />
		</svg>
	);
}
