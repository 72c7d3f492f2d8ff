import { type Commodity, isCommodity } from './commodity';

/** What a channel carries; the text on the wire is made and read here only. */
export type Channel =
  | { readonly kind: 'market'; readonly commodity: Commodity }
  | { readonly kind: 'port'; readonly portId: string }
  | { readonly kind: 'account' }
  | { readonly kind: 'pulse' };

/** Name a channel on the wire. */
export function channelName(channel: Channel): string {
  switch (channel.kind) {
    case 'market':
      return `market.${channel.commodity}`;
    case 'port':
      return `port.${channel.portId}`;
    case 'account':
    case 'pulse':
      return channel.kind;
  }
}

/** Read a channel's name; null for one that this client does not know. */
export function parseChannel(name: string): Channel | null {
  if (name === 'account' || name === 'pulse') return { kind: name };
  const dot = name.indexOf('.');
  const subject = name.slice(dot + 1);
  switch (name.slice(0, dot)) {
    case 'market':
      return isCommodity(subject) ? { kind: 'market', commodity: subject } : null;
    case 'port':
      return { kind: 'port', portId: subject };
    default:
      return null;
  }
}
