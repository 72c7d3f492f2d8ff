import { PlanPanel } from '../features/advice/PlanPanel';
import { SectorPage } from '../features/galaxy/SectorPage';
import { usePlayer } from '../store/resources';
import { AdvicePanel } from './AdvicePanel';
import { paths } from './paths';

/** Where the ship is and where it can go, beside what the player means to do and what pays. */
export function GalaxyPage() {
  const player = usePlayer().data;
  return (
    <SectorPage
      advice={
        <>
          {player !== undefined && <PlanPanel player={player} />}
          <AdvicePanel ticketAt={paths.port} />
        </>
      }
    />
  );
}
