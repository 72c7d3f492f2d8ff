import { useAutomationCommands, usePausedAt } from '../../store/automation';
import { Banner } from '../../ui/Banner';
import { Button } from '../../ui/Button';
import { formatLocalTime } from '../../ui/format';

/** Says that rules were paused while the player was away, and lets them go on with one press. */
export function PauseBanner() {
  const pausedAt = usePausedAt();
  const { turn } = useAutomationCommands();
  if (pausedAt === null) return null;
  return (
    <Banner
      title="Your rules are paused"
      action={
        <Button small look="primary" busy={turn.isPending} onClick={() => turn.mutate(true)}>
          Resume
        </Button>
      }
    >
      <p>
        Your connection was gone, so automation was turned off on {formatLocalTime(pausedAt)}, as
        you chose. No rule has traded since.
      </p>
    </Banner>
  );
}
