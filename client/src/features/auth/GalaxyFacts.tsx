import { useServerStatus } from '../../store/resources';
import { formatGalaxyDate, formatUnits } from '../../ui/format';
import styles from './GalaxyFacts.module.css';

/** What the server says of its galaxy before anybody signs in; nothing while it says nothing. */
export function GalaxyFacts() {
  const status = useServerStatus().data;
  if (status === undefined) return null;
  const facts = [
    ['Galaxy date', formatGalaxyDate(status.game_time)],
    ['Sectors', formatUnits(status.universe.sectors)],
    ['Ports', formatUnits(status.universe.ports)],
    ['Pilots online', formatUnits(status.players_online)],
  ] as const;
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt className={styles.name}>{name}</dt>
          <dd className={styles.value}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
