import { useEffect } from 'react';

import { explain } from '../../connection/problem';
import type { Move, PlayerState, Sector } from '../../protocol/shapes';
import { classTitle } from '../../protocol/ship';
import { resourceKeys } from '../../store/resourceKeys';
import { useMoves, usePlayer, useSector } from '../../store/resources';
import { useConnectionStatus, useServices } from '../../store/services';
import { Button } from '../../ui/Button';
import { formatUnits } from '../../ui/format';
import { Panel } from '../../ui/Panel';
import { Empty, Failed, Loading } from '../../ui/State';
import { useNow } from '../../ui/useNow';
import { journeyProgress } from './journey';
import { SectorChart } from './SectorChart';
import styles from './SectorPage.module.css';
import { useVoyage } from './useVoyage';

/** Where the ship is, what is docked here, and where it can go. */
export function SectorPage() {
  const player = usePlayer();
  const sector = useSector();
  const inTransit = player.data?.in_transit != null;
  const moves = useMoves(player.data !== undefined && !inTransit);
  const failed = [player, sector, moves].find((query) => query.error !== null && !query.data);
  if (failed !== undefined) {
    return (
      <Panel title="Sector">
        <Failed reason={explain(failed.error)} onRetry={() => void failed.refetch()} />
      </Panel>
    );
  }
  if (player.data === undefined || sector.data === undefined) {
    return (
      <Panel title="Sector">
        <Loading label="Loading the sector" lines={8} />
      </Panel>
    );
  }
  const open = inTransit ? [] : (moves.data?.moves ?? []);
  return <SectorView player={player.data} sector={sector.data} moves={open} />;
}

interface SectorViewProps {
  readonly player: PlayerState;
  readonly sector: Sector;
  readonly moves: readonly Move[];
}

function SectorView({ player, sector, moves }: SectorViewProps) {
  const voyage = useVoyage();
  const docked = player.docked_port_id !== null;
  const journey = player.in_transit;
  return (
    <div className={styles.page}>
      <Panel
        title={journey === null ? sector.name : `Leaving ${sector.name}`}
        aside={`x ${sector.x}, y ${sector.y}`}
        padded={false}
        className={styles.chart}
      >
        <SectorChart sector={sector} moves={moves} />
      </Panel>
      <div className={styles.side}>
        {journey !== null && <JourneyPanel journey={journey} />}
        <PortsPanel player={player} sector={sector} voyage={voyage} />
        <Panel
          title="Warps"
          aside={`${formatUnits(player.turns)} turns left`}
          padded={false}
          className={styles.warps}
        >
          {docked && (
            <p className={styles.notice}>Undock to fly. Trading needs a dock, flying needs none.</p>
          )}
          {journey === null ? (
            <WarpList
              moves={moves}
              disabled={docked || voyage.busy}
              onDepart={voyage.depart.mutate}
            />
          ) : (
            <Empty title="Under way">The next warps open on arrival.</Empty>
          )}
        </Panel>
      </div>
    </div>
  );
}

interface WarpListProps {
  readonly moves: readonly Move[];
  readonly disabled: boolean;
  readonly onDepart: (destination: { sectorId: string; name: string }) => void;
}

function WarpList({ moves, disabled, onDepart }: WarpListProps) {
  return (
    <ul>
      {moves.map((move) => (
        <li key={move.sector_id} className={styles.row}>
          <div>
            <p className={styles.name}>{move.name}</p>
            <p className={styles.detail}>
              {move.travel_seconds} s · {move.turns === 1 ? '1 turn' : `${move.turns} turns`} ·{' '}
              {move.has_port ? 'port' : 'no port'}
            </p>
          </div>
          <Button
            disabled={disabled}
            aria-label={`Fly to ${move.name}`}
            onClick={() => onDepart({ sectorId: move.sector_id, name: move.name })}
          >
            Fly
          </Button>
        </li>
      ))}
    </ul>
  );
}

interface PortsPanelProps {
  readonly player: PlayerState;
  readonly sector: Sector;
  readonly voyage: ReturnType<typeof useVoyage>;
}

function PortsPanel({ player, sector, voyage }: PortsPanelProps) {
  if (player.in_transit !== null) return null;
  return (
    <Panel title="Ports" padded={false}>
      {sector.ports.length === 0 ? (
        <Empty title="No port in this sector">Fly on to one that has a port to trade.</Empty>
      ) : (
        <ul>
          {sector.ports.map((port) => (
            <li key={port.port_id} className={styles.row}>
              <div>
                <p className={styles.name}>{port.name}</p>
                <p className={styles.detail}>{classTitle(port.class)}</p>
              </div>
              {player.docked_port_id === port.port_id ? (
                <Button disabled={voyage.busy} onClick={() => voyage.undock.mutate()}>
                  Undock
                </Button>
              ) : (
                <Button
                  look="primary"
                  disabled={voyage.busy || player.docked_port_id !== null}
                  aria-label={`Dock at ${port.name}`}
                  onClick={() => voyage.dock.mutate({ portId: port.port_id, name: port.name })}
                >
                  Dock
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

const ARRIVAL_SLACK_MS = 250;

function JourneyPanel({ journey }: { readonly journey: NonNullable<PlayerState['in_transit']> }) {
  const { resources } = useServices();
  const clockAheadMs = useConnectionStatus((status) => status.clockAheadMs);
  const { fraction, remainingMs } = journeyProgress(journey, useNow(100) + clockAheadMs);
  const arrived = remainingMs === 0;
  useEffect(() => {
    if (!arrived) return;
    const readAgain = () => {
      void resources.invalidateQueries({ queryKey: resourceKeys.player });
      void resources.invalidateQueries({ queryKey: resourceKeys.place });
    };
    const timer = setInterval(readAgain, ARRIVAL_SLACK_MS);
    return () => clearInterval(timer);
  }, [arrived, resources]);
  return (
    <Panel title="Under way" aside={arrived ? 'arriving' : `${(remainingMs / 1_000).toFixed(1)} s`}>
      <progress className={styles.progress} value={fraction} max={1} aria-label="Journey" />
    </Panel>
  );
}
