/** A first name for a device, until its owner gives it another. */

interface UserAgent {
	readonly userAgent: string;
	readonly maxTouchPoints?: number;
}

/** "Android phone", "iPad", "Mac", … from what the browser says of itself. */
export function deviceName({ userAgent, maxTouchPoints }: UserAgent): string {
	if (/iPhone/.test(userAgent)) return "iPhone";
	// An iPad calls itself a Mac, but no Mac has a touch screen.
	if (/iPad/.test(userAgent)) return "iPad";
	if (/Macintosh/.test(userAgent))
		return (maxTouchPoints ?? 0) > 1 ? "iPad" : "Mac";
	if (/Android/.test(userAgent))
		return /Mobile/.test(userAgent) ? "Android phone" : "Android tablet";
	if (/CrOS/.test(userAgent)) return "Chromebook";
	if (/Windows/.test(userAgent)) return "Windows computer";
	if (/Linux/.test(userAgent)) return "Linux computer";
	return "Computer";
}
