import { createStore, type StoreApi } from 'zustand/vanilla';

export type Tone = 'good' | 'bad' | 'plain';

/** A result worth saying aloud and showing for a while. */
export interface Announcement {
  readonly id: number;
  readonly tone: Tone;
  readonly text: string;
}

/** More than this would hide the page; the oldest goes first. */
export const ANNOUNCEMENTS_MAX = 4;

export type AnnouncementStore = StoreApi<readonly Announcement[]>;

export function createAnnouncementStore(): AnnouncementStore {
  return createStore<readonly Announcement[]>(() => []);
}

export function announce(store: AnnouncementStore, tone: Tone, text: string): void {
  store.setState((shown) => {
    const id = (shown.at(-1)?.id ?? 0) + 1;
    return [...shown, { id, tone, text }].slice(-ANNOUNCEMENTS_MAX);
  }, true);
}

export function dismiss(store: AnnouncementStore, id: number): void {
  store.setState((shown) => shown.filter((announcement) => announcement.id !== id), true);
}
