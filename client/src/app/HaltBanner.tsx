import { haltWords } from '../features/trade/haltWords';
import { usePlayer } from '../store/resources';
import { Banner } from '../ui/Banner';

/** Says what operators stopped where the ship is, and why, for as long as it holds. */
export function HaltBanner() {
  const status = usePlayer().data?.trading_state;
  const words = status === undefined ? null : haltWords(status);
  if (status === undefined || words === null) return null;
  return (
    <Banner title={words.title}>
      {status.reason !== null && <p>The reason given: {status.reason}</p>}
      <p>{words.advice}</p>
    </Banner>
  );
}
