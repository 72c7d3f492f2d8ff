import { Empty } from '../ui/State';
import styles from './App.module.css';

/** All that can be shown where the browser withholds its cryptography. */
export function InsecureAddress() {
  return (
    <main className={styles.alone}>
      <Empty title="This address is not secure">
        Browsers let a page sign its messages only over HTTPS or on localhost. Ask the operator for
        the secure address.
      </Empty>
    </main>
  );
}
