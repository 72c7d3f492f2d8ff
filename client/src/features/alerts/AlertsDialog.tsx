import { explain } from '../../connection/problem';
import type { AIAlert, PriceAlert } from '../../protocol/advice';
import { commodityName } from '../../protocol/commodity';
import { useAlertCommands, useAlerts } from '../../store/advice';
import { usePortName } from '../../store/resources';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { formatCredits, formatLocalTime } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { Empty, Failed, Loading } from '../../ui/State';
import styles from './AlertsDialog.module.css';

/** The alerts that reached the player, and those that he has set. */
export function AlertsDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Alerts" onClose={onClose}>
      <AlertLists />
    </Dialog>
  );
}

function AlertLists() {
  const alerts = useAlerts();
  if (alerts.data === undefined) {
    return alerts.error === null ? (
      <Loading label="Loading your alerts" />
    ) : (
      <Failed reason={explain(alerts.error)} onRetry={() => void alerts.refetch()} />
    );
  }
  const { received, set, limit } = alerts.data;
  return (
    <div className={styles.lists}>
      <section aria-labelledby="alerts-received">
        <h3 id="alerts-received" className={styles.title}>
          Received
        </h3>
        {received.length === 0 ? (
          <Empty title="Nothing yet">What your alerts tell you is kept here.</Empty>
        ) : (
          <ul>
            {received.map((alert) => (
              <ReceivedAlert key={alert.alert_id} alert={alert} />
            ))}
          </ul>
        )}
      </section>
      <section aria-labelledby="alerts-set">
        <h3 id="alerts-set" className={styles.title}>
          Set <span className={styles.count}>{`${set.length} of ${limit}`}</span>
        </h3>
        {set.length === 0 ? (
          <Empty title="No alert is set">
            Choose a commodity on the market and press the bell beside its name.
          </Empty>
        ) : (
          <ul>
            {set.map((alert) => (
              <SetAlert key={alert.alert_id} alert={alert} />
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}

function ReceivedAlert({ alert }: { readonly alert: AIAlert }) {
  return (
    <li className={styles.row}>
      <div>
        <p className={styles.name}>{alert.title}</p>
        <p>{alert.message}</p>
        <p className={styles.detail}>{formatLocalTime(alert.created_at)}</p>
      </div>
    </li>
  );
}

function SetAlert({ alert }: { readonly alert: PriceAlert }) {
  const { remove } = useAlertCommands();
  const portName = usePortName();
  const sentence = `${commodityName(alert.commodity)} ${
    alert.condition === 'price_above' ? 'above' : 'below'
  } ${formatCredits(alert.value)}`;
  const place = alert.port_id === null ? 'galaxy index' : portName(alert.port_id);
  return (
    <li className={styles.row}>
      <div>
        <p className={styles.name}>{sentence}</p>
        <p className={styles.detail}>
          {place} · {alert.armed ? 'watching' : 'has fired, watches again when the price is back'}
        </p>
      </div>
      <Button
        look="quiet"
        small
        aria-label={`Delete the alert ${sentence}`}
        busy={remove.isPending}
        onClick={() => remove.mutate(alert.alert_id)}
      >
        <Icon name="bin" size={16} />
      </Button>
    </li>
  );
}
