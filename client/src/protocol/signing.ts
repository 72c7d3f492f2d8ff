import { canonicalJson, type JsonObject } from './canonicalJson';

/**
 * Import the session key of `auth_success` for signing.
 *
 * @param hex 2 lower-case hex digits a byte.
 * @throws RangeError when the text is not hex.
 */
export async function importSessionKey(hex: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytesOfHex(hex), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ]);
}

/**
 * Sign a frame: lower-case hex HMAC-SHA256 over its canonical JSON.
 *
 * @param frame the whole frame but for `signature`.
 */
export async function signFrame(key: CryptoKey, frame: JsonObject): Promise<string> {
  const text = new TextEncoder().encode(canonicalJson(frame));
  return hexOfBytes(new Uint8Array(await crypto.subtle.sign('HMAC', key, text)));
}

/** Tell whether this page may use cryptography: browsers allow it over TLS and on localhost. */
export function canSign(): boolean {
  return globalThis.isSecureContext;
}

function bytesOfHex(hex: string): Uint8Array<ArrayBuffer> {
  if (!/^([0-9a-f]{2})+$/.test(hex)) throw new RangeError('a session key is lower-case hex');
  const bytes = new Uint8Array(hex.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16);
  }
  return bytes;
}

function hexOfBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
