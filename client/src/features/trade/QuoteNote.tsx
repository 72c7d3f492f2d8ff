import type { QuoteStanding } from '../../store/quoteDesk';
import { secondsLeft } from './countdown';
import styles from './TradeResult.module.css';

interface QuoteNoteProps {
  readonly standing: QuoteStanding;
  /** How long the next quote has to wait still. */
  readonly waitMs: number;
}

/** How the latest request for a quote ended, and what can be done next. */
export function QuoteNote({ standing, waitMs }: QuoteNoteProps) {
  switch (standing.kind) {
    case 'asking':
      return null;
    case 'refused':
      return (
        <div className={styles.result} data-tone="bad" role="status">
          <p className={styles.title}>No quote</p>
          <p>{standing.reason}</p>
          <p className={styles.code}>{standing.code}</p>
        </div>
      );
    case 'granted':
      if (standing.end === 'used') return null;
      return (
        <div className={styles.result} data-tone="doubt">
          <p className={styles.title}>
            {standing.end === 'withdrawn' ? 'The quote was withdrawn' : 'The quote ran out'}
          </p>
          <p>
            {standing.end === 'withdrawn'
              ? 'You left the port that gave it. '
              : 'Nothing was traded. The units are free for others again. '}
            {waitMs > 0
              ? `You can ask for the next one in ${secondsLeft(waitMs)} s.`
              : 'Ask for another whenever you like.'}
          </p>
        </div>
      );
  }
}
