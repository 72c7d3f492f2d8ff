import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';

import { explain } from '../connection/problem';
import type { RuleDraft } from '../protocol/automation';
import { resourceKeys } from './resourceKeys';
import { useAnnounce, useServices } from './services';

const TRACES_PAGE = 10;
/** The status covers the last 24 hours, which pass without any event. */
const STATUS_EVERY_MS = 30_000;

export function useRules() {
  const { automation } = useServices();
  return useQuery({ queryKey: resourceKeys.rules, queryFn: () => automation.rules() });
}

export function useAutomationStatus() {
  const { automation } = useServices();
  return useQuery({
    queryKey: resourceKeys.automationStatus,
    queryFn: () => automation.status(),
    refetchInterval: STATUS_EVERY_MS,
  });
}

/** Return when automation was paused as the player had no connection; null where it was not. */
export function usePausedAt(): string | null {
  const { automation } = useServices();
  const status = useQuery({
    queryKey: resourceKeys.automationStatus,
    queryFn: () => automation.status(),
  });
  return status.data?.pausedAt ?? null;
}

export function useAutomationLimits() {
  const { automation } = useServices();
  return useQuery({
    queryKey: resourceKeys.automationLimits,
    queryFn: () => automation.limits(),
    staleTime: Infinity,
  });
}

export function useRuleTemplates() {
  const { automation } = useServices();
  return useQuery({
    queryKey: resourceKeys.ruleTemplates,
    queryFn: () => automation.templates(),
    staleTime: Infinity,
  });
}

/** Read why a rule did or did not trade, newest first; verdicts come with the passing of ticks. */
export function useTraces(ruleId: string) {
  const { automation } = useServices();
  return useInfiniteQuery({
    queryKey: resourceKeys.tracesOf(ruleId),
    queryFn: ({ pageParam }) => automation.traces(ruleId, pageParam, TRACES_PAGE),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: 5_000,
  });
}

/** The commands of automation; each reads what it changed again and speaks its result. */
export function useAutomationCommands() {
  const { automation, resources, newId } = useServices();
  const announce = useAnnounce();

  async function onSettled(): Promise<void> {
    await Promise.all(
      [resourceKeys.rules, resourceKeys.automationStatus].map((queryKey) =>
        resources.invalidateQueries({ queryKey }),
      ),
    );
  }
  const onError = (error: unknown) => announce('bad', explain(error));

  const turn = useMutation({
    mutationFn: (active: boolean) => automation.switchTo(active),
    onSuccess: (_, active) =>
      announce('plain', active ? 'Automation is on.' : 'Automation is off. No rule trades.'),
    onError,
    onSettled,
  });
  const pauseOnDisconnect = useMutation({
    mutationFn: (active: boolean) => automation.pauseOnDisconnect(newId(), active),
    onSuccess: (_, active) =>
      announce(
        'plain',
        active
          ? 'Your rules pause once your connection is gone.'
          : 'Your rules go on without a connection.',
      ),
    onError,
    onSettled,
  });
  const create = useMutation({
    mutationFn: ({ commandId, draft }: { commandId: string; draft: RuleDraft }) =>
      automation.create(commandId, draft),
    onSuccess: ({ name }) => announce('good', `Stored the rule ${name}. It is not active yet.`),
    onSettled,
  });
  const activate = useMutation({
    mutationFn: ({ ruleId, active }: { ruleId: string; active: boolean }) =>
      automation.activate(ruleId, active),
    onSuccess: ({ name, isActive }) =>
      announce('plain', isActive ? `${name} is active.` : `${name} rests.`),
    onError,
    onSettled,
  });
  const remove = useMutation({
    mutationFn: ({ ruleId }: { ruleId: string; name: string }) => automation.delete(ruleId),
    onSuccess: (_, { name }) => announce('plain', `Deleted the rule ${name}.`),
    onError,
    onSettled,
  });
  return { turn, pauseOnDisconnect, create, activate, remove };
}
