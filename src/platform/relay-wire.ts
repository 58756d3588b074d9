/** A connection to the relay, whichever way it goes. */

/** One connection of either kind. */
export interface RelayWire {
	send(frame: string): void;
	close(): void;
}

export interface RelayWireEvents {
	onOpen(): void;
	onFrame(frame: string): void;
	onClose(): void;
}
