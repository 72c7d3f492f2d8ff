import { Dialog } from '../ui/Dialog';
import styles from './AboutDialog.module.css';

/** What this is and whose work it stands on. */
export function AboutDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Sectorwars 2102" onClose={onClose}>
      <div className={styles.text}>
        <p>
          A minute of the galaxy passes each second. Prices come from the stock of each port against
          its target, by one published curve.
        </p>
        <p>
          Charts by <a href="https://www.tradingview.com/">TradingView Lightweight Charts™</a>,
          copyright © TradingView, Inc. Type: Inter by The Inter Project Authors.
        </p>
        <p>Press ? on any page for the keyboard shortcuts.</p>
      </div>
    </Dialog>
  );
}
