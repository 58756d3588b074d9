/** Chance from a seed: xoshiro128** (Blackman and Vigna 2018), seeded by splitmix32. */
import type { Random } from "../../../src/wire/clock.ts";

export function seededRandom(seed: number): Random & { fork(): Random } {
	let mix = seed >>> 0;
	const next32 = (): number => {
		mix = (mix + 0x9e3779b9) >>> 0;
		let z = mix;
		z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
		z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
		return (z ^ (z >>> 16)) >>> 0;
	};
	const state = new Uint32Array([next32(), next32(), next32(), next32()]);
	const draw = (): number => {
		let [a, b, c, d] = state as unknown as [number, number, number, number];
		const scrambled = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
		const shifted = b << 9;
		c ^= a;
		d ^= b;
		b ^= c;
		a ^= d;
		c ^= shifted;
		d = rotate(d, 11);
		state.set([a, b, c, d]);
		return scrambled;
	};
	return {
		bytes(length) {
			const bytes = new Uint8Array(length);
			for (let i = 0; i < length; i++) bytes[i] = draw() & 0xff;
			return bytes;
		},
		fraction: () => draw() / 2 ** 32,
		fork: () => seededRandom(draw()),
	};
}

const rotate = (value: number, by: number): number =>
	(value << by) | (value >>> (32 - by));
