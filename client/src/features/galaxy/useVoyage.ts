import { useMutation } from '@tanstack/react-query';

import { explain } from '../../connection/problem';
import { resourceKeys } from '../../store/resourceKeys';
import { useAnnounce, useServices } from '../../store/services';

/** The commands that move the ship; each reads the new place again and speaks its result. */
export function useVoyage() {
  const { api, resources } = useServices();
  const announce = useAnnounce();

  async function readAgain(): Promise<void> {
    await Promise.all([
      resources.invalidateQueries({ queryKey: resourceKeys.player }),
      resources.invalidateQueries({ queryKey: resourceKeys.place }),
    ]);
  }
  const onError = (error: unknown) => announce('bad', explain(error));
  const onSettled = readAgain;

  const depart = useMutation({
    mutationFn: ({ sectorId }: { sectorId: string; name: string }) => api.move(sectorId),
    onSuccess: ({ journey }, { name }) =>
      announce('plain', `On course for ${name}, ${journey.travel_seconds} seconds.`),
    onError,
    onSettled,
  });
  const dock = useMutation({
    mutationFn: ({ portId }: { portId: string; name: string }) => api.dock(portId),
    onSuccess: ({ fee_credits }, { name }) =>
      announce('good', `Docked at ${name}. Docking fee ${fee_credits} cr.`),
    onError,
    onSettled,
  });
  const undock = useMutation({
    mutationFn: () => api.undock(),
    onSuccess: ({ fee_credits }) => announce('plain', `Undocked. Departure fee ${fee_credits} cr.`),
    onError,
    onSettled,
  });
  return { depart, dock, undock, busy: depart.isPending || dock.isPending || undock.isPending };
}
