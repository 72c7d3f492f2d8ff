import type {
  ClosedConnection,
  ConnectionExplanation,
  ConnectionPage,
  OpenConnection,
} from '../protocol/operators';

const AT = '2026-11-30T10:00:00.000Z';
const AS_OF = '2026-11-30T10:00:09.000Z';

export function openConnection(changes: Partial<OpenConnection> = {}): OpenConnection {
  return {
    connection_id: 'g1-1',
    player_id: 'pl_1',
    dialect: 'native',
    address: 'address:0123456789abcdef',
    opened_at: AT,
    last_frame_at: AT,
    channels: 12,
    queued_frames: 0,
    queued_bytes: 0,
    lag_ms: 0,
    conflated: 0,
    refused: 0,
    round_trip_ms: 0.4,
    recovered: {},
    missed: 0,
    ...changes,
  };
}

export function closedConnection(changes: Partial<ClosedConnection> = {}): ClosedConnection {
  return {
    connection_id: 'g1-2',
    player_id: 'pl_2',
    dialect: 'foundation',
    address: 'address:0123456789abcdef',
    opened_at: AT,
    closed_at: AS_OF,
    closed_by: 'server',
    code: 4001,
    reason: 'nothing was read for too long',
    conflated: 3,
    refusals: {},
    ...changes,
  };
}

export function connectionPage(changes: Partial<ConnectionPage> = {}): ConnectionPage {
  return {
    gateways: ['g1'],
    silent: [],
    as_of: AS_OF,
    open: 1,
    left_out: 0,
    connections: [openConnection()],
    closed: [closedConnection()],
    ...changes,
  };
}

export function explanation(changes: Partial<ConnectionExplanation> = {}): ConnectionExplanation {
  return {
    gateway: 'g1',
    as_of: AS_OF,
    open: openConnection(),
    closed: null,
    session: 's_1',
    authenticated_at: AT,
    frames_received: 7,
    followed: [{ channel: 'market.ore', epoch: 'e.1', offset: 41, deltas: true, left_out: 0 }],
    recovery: null,
    refusals: {},
    recent_refusals: [],
    ...changes,
  };
}
