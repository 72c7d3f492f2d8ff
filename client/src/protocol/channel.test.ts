import { describe, expect, it } from 'vitest';

import { channelName, parseChannel } from './channel';

describe('channel names', () => {
  it.each([
    [{ kind: 'market', commodity: 'gourmet_food' }, 'market.gourmet_food'],
    [{ kind: 'port', portId: 'p-12' }, 'port.p-12'],
    [{ kind: 'account' }, 'account'],
  ] as const)('%j is %s and back', (channel, name) => {
    expect(channelName(channel)).toBe(name);
    expect(parseChannel(name)).toEqual(channel);
  });

  it.each(['', 'market.unobtainium', 'chat.lobby', 'market'])('%j is none of ours', (name) => {
    expect(parseChannel(name)).toBeNull();
  });
});
