import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';

import { explain } from '../../connection/problem';
import type { Journey, Move, PlayerState, Sector } from '../../protocol/shapes';
import { classTitle } from '../../protocol/ship';
import type { Progress } from '../../protocol/span';
import { useMoves, usePlayer, useSector } from '../../store/resources';
import { Button } from '../../ui/Button';
import { formatUnits } from '../../ui/format';
import { PageTitle } from '../../ui/PageTitle';
import { Panel } from '../../ui/Panel';
import { Segments } from '../../ui/Segments';
import { Empty, Failed, Loading } from '../../ui/State';
import { ActivityPanel } from './ActivityPanel';
import { GalaxyMap } from './GalaxyMap';
import { type Course, SectorChart } from './SectorChart';
import styles from './SectorPage.module.css';
import { useJourneyProgress } from './useJourneyProgress';
import { useVoyage } from './useVoyage';

interface SectorPageProps {
  /** What the player means to do and what pays, beside the chart. */
  readonly advice: ReactNode;
}

/** Where the ship is, what ports are here, where it can go, and what others do. */
export function SectorPage({ advice }: SectorPageProps) {
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
  const known = moves.data?.sector_id === sector.data.sector_id ? moves.data.moves : [];
  return player.data.in_transit === null ? (
    <SectorView player={player.data} sector={sector.data} moves={known} advice={advice} />
  ) : (
    <JourneyView
      journey={player.data.in_transit}
      sector={sector.data}
      moves={known}
      advice={advice}
    />
  );
}

interface JourneyViewProps {
  readonly journey: Journey;
  /** The sector that the ship left, and the warps from there. */
  readonly sector: Sector;
  readonly moves: readonly Move[];
  readonly advice: ReactNode;
}

function JourneyView({ journey, sector, moves, advice }: JourneyViewProps) {
  const progress = useJourneyProgress(journey);
  const toSectorId = journey.to_sector_id;
  const destination = moves.find((move) => move.sector_id === toSectorId)?.name ?? toSectorId;
  return (
    <div className={styles.page}>
      <PageTitle text={sector.name} />
      <ChartPanel
        title={`Leaving ${sector.name}`}
        sector={sector}
        moves={moves}
        course={{ toSectorId, fraction: progress.fraction }}
      />
      <div className={styles.side}>
        <JourneyPanel destination={destination} progress={progress} />
        {advice}
        <ActivityPanel />
      </div>
    </div>
  );
}

interface SectorViewProps {
  readonly player: PlayerState;
  readonly sector: Sector;
  readonly moves: readonly Move[];
  readonly advice: ReactNode;
}

function SectorView({ player, sector, moves, advice }: SectorViewProps) {
  const voyage = useVoyage();
  const docked = player.docked_port_id !== null;
  return (
    <div className={styles.page}>
      <PageTitle text={sector.name} />
      <ChartPanel title={sector.name} sector={sector} moves={moves} course={null} />
      <div className={styles.side}>
        <PortsPanel player={player} sector={sector} voyage={voyage} />
        <Panel title="Warps" aside={`${formatUnits(player.turns)} turns left`} padded={false}>
          {docked && (
            <p className={styles.notice}>Undock to fly. Trading needs a dock, flying needs none.</p>
          )}
          <WarpList
            moves={moves}
            disabled={docked || voyage.busy}
            onDepart={voyage.depart.mutate}
          />
        </Panel>
        {advice}
        <ActivityPanel />
      </div>
    </div>
  );
}

interface ChartPanelProps {
  readonly title: string;
  readonly sector: Sector;
  readonly moves: readonly Move[];
  readonly course: Course | null;
}

/** The sector and its warps, or the whole galaxy. */
function ChartPanel({ title, sector, moves, course }: ChartPanelProps) {
  const [view, setView] = useState<'sector' | 'galaxy'>('sector');
  return (
    <Panel
      title={title}
      aside={
        <Segments
          label="View"
          value={view}
          onChange={setView}
          options={[
            { value: 'sector', label: 'Sector' },
            { value: 'galaxy', label: 'Galaxy' },
          ]}
        />
      }
      padded={false}
      className={styles.chart}
    >
      {view === 'sector' ? (
        <SectorChart sector={sector} moves={moves} course={course} />
      ) : (
        <GalaxyMap here={sector.sector_id} />
      )}
    </Panel>
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
                <span className={styles.actions}>
                  <Link href="/port/ore">Trade</Link>
                  <Button disabled={voyage.busy} onClick={() => voyage.undock.mutate()}>
                    Undock
                  </Button>
                </span>
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

interface JourneyPanelProps {
  readonly destination: string;
  readonly progress: Progress;
}

function JourneyPanel({ destination, progress }: JourneyPanelProps) {
  const { fraction, remainingMs } = progress;
  return (
    <Panel
      title={`Under way to ${destination}`}
      aside={remainingMs === 0 ? 'arriving' : `${(remainingMs / 1_000).toFixed(1)} s`}
    >
      <progress className={styles.progress} value={fraction} max={1} aria-label="Journey" />
    </Panel>
  );
}
