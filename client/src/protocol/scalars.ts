/** The values that shapes of the wire are made of. */
import * as v from 'valibot';

import { COMMODITIES } from './commodity';

/** Units of goods, or any other count. */
export const units = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Money; losses are below zero. */
export const credits = v.pipe(v.number(), v.integer());
export const commodity = v.picklist(COMMODITIES);
/** A moment, RFC 3339. */
export const instant = v.pipe(
  v.string(),
  v.check((text) => !Number.isNaN(Date.parse(text)), 'not a time'),
);
/** From 0 to 1. */
export const probability = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
