import { useQuery } from '@tanstack/react-query';

import { resourceKeys } from './resourceKeys';
import { useServices } from './services';

/** What the pages ask permissions for; the server's table says which role has which. */
export type Permission =
  | 'connections:read'
  | 'connections:close'
  | 'trading_controls:read'
  | 'markets:halt'
  | 'players:halt';

/** Read what the signed-in player may do. */
export function useAccount() {
  const { operators } = useServices();
  return useQuery({
    queryKey: resourceKeys.account,
    queryFn: () => operators.account(),
    staleTime: Infinity,
  });
}

/** Return whether the signed-in player may do something: not before the server has said so. */
export function usePermission(): (permission: Permission) => boolean {
  const permitted = useAccount().data?.permissions ?? [];
  return (permission) => permitted.includes(permission);
}
