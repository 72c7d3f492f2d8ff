import type { Recommendation } from '../../protocol/advice';
import { commodityName } from '../../protocol/commodity';
import type { PlayerState } from '../../protocol/shapes';
import { nextStep, type Step } from '../../store/plan';
import { usePortName, useSectorName } from '../../store/resources';
import { usePlan, useServices } from '../../store/services';
import { Button } from '../../ui/Button';
import { formatProfit, formatUnits } from '../../ui/format';
import { Panel } from '../../ui/Panel';
import styles from './PlanPanel.module.css';
import { wayWords } from './RecommendationList';

/** The trade that the player follows, and what is to be done next. */
export function PlanPanel({ player }: { readonly player: PlayerState }) {
  const { followed } = usePlan();
  const { plan } = useServices().stores;
  if (followed === null) return null;
  return (
    <Panel
      title="Plan"
      aside={
        <Button look="quiet" small onClick={() => plan.setState({ followed: null })}>
          Drop
        </Button>
      }
    >
      <p className={styles.trade}>
        {formatUnits(followed.quantity)} {commodityName(followed.commodity)}, {wayWords(followed)}
      </p>
      <p className={styles.detail}>
        {formatProfit(followed.profit_credits)} at the prices when you took it up
      </p>
      <NextStep followed={followed} player={player} />
    </Panel>
  );
}

interface NextStepProps {
  readonly followed: Recommendation;
  readonly player: PlayerState;
}

function NextStep({ followed, player }: NextStepProps) {
  const portName = usePortName();
  const sectorName = useSectorName();
  const step = nextStep(followed, {
    sectorId: player.sector_id,
    dockedPortId: player.docked_port_id,
    cargo: player.ship.cargo[followed.commodity] ?? 0,
  });
  const words = player.in_transit === null ? stepWords(step, portName, sectorName) : 'Under way';
  return (
    <p className={styles.next}>
      <span className={styles.detail}>Next</span> {words}
    </p>
  );
}

function stepWords(
  step: Step,
  portName: (portId: string) => string,
  sectorName: (sectorId: string) => string,
): string {
  switch (step.kind) {
    case 'buy':
      return 'Buy on the ticket';
    case 'undock':
      return 'Undock';
    case 'fly':
      return `Fly to ${sectorName(step.sectorId)}`;
    case 'dock':
      return `Dock at ${portName(step.portId)}`;
    case 'sell':
      return 'Sell on the ticket';
    case 'off_course':
      return 'You have left its way: choose what pays from here';
  }
}
