import { endHalt, type HaltCode } from '../store/halt';
import { usePlayer } from '../store/resources';
import { useHalt, useServices } from '../store/services';
import { Button } from '../ui/Button';
import { Icon } from '../ui/Icon';
import styles from './HaltBanner.module.css';

const TITLES: Record<HaltCode, string> = {
  game_halted: 'Trading is halted in the whole galaxy',
  player_halted: 'Your trading is halted',
  port_halted: 'Trading is halted at this port',
  reducing_only: 'Only sales are let through',
};

const ADVICE: Record<HaltCode, string> = {
  game_halted: 'Open orders rest and can be cancelled; you can fly and dock. Try again later.',
  player_halted: 'You can cancel open orders. Ask an operator why, and when it ends.',
  port_halted: 'You can cancel open orders here, or fly to another port and trade there.',
  reducing_only: 'You can sell what you carry and cancel orders. Try to buy again later.',
};

/** Says what operators stopped, once a refusal has told it, until something is executed again. */
export function HaltBanner() {
  const { stores } = useServices();
  const halt = useHalt();
  const dockedPortId = usePlayer().data?.docked_port_id ?? null;
  // Another port may well be open.
  const elsewhere = halt?.code === 'port_halted' && halt.portId !== dockedPortId;
  if (halt === null || elsewhere) return null;
  return (
    <div className={styles.banner} role="alert">
      <div className={styles.text}>
        <p className={styles.title}>{TITLES[halt.code]}</p>
        <p className={styles.detail}>{ADVICE[halt.code]}</p>
      </div>
      <Button look="quiet" small aria-label="Dismiss" onClick={() => endHalt(stores.halt)}>
        <Icon name="close" size={14} />
      </Button>
    </div>
  );
}
