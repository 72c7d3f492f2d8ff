import { type SubmitEvent, useState } from 'react';

import { explain } from '../../connection/problem';
import type { AlertCondition } from '../../protocol/advice';
import { type Commodity, commodityName } from '../../protocol/commodity';
import { useAlertCommands } from '../../store/advice';
import { useQuote } from '../../store/services';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/Field';
import { formatPrice } from '../../ui/format';
import { readWhole } from '../../ui/number';
import { Segments } from '../../ui/Segments';
import styles from './AlertForm.module.css';

/** The highest price that the server watches for. */
const PRICE_MAX = 1_000_000_000;

interface AlertFormProps {
  readonly commodity: Commodity;
  /** The port where the ship is docked, whose own prices can be watched too. */
  readonly port: { readonly id: string; readonly name: string } | null;
  readonly onSet: () => void;
}

/** A price to be told of: of the galaxy's index, or of the port. */
export function AlertForm({ commodity, port, onSet }: AlertFormProps) {
  const { set } = useAlertCommands();
  const market = useQuote(commodity)?.market;
  const [condition, setCondition] = useState<AlertCondition>('price_above');
  const [scope, setScope] = useState<'galaxy' | 'port'>('galaxy');
  const [text, setText] = useState('');
  const [fault, setFault] = useState<string>();

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const read = readWhole(text, { of: 'credits', max: PRICE_MAX });
    if ('fault' in read) {
      setFault(read.fault);
      return;
    }
    const port_id = scope === 'port' && port !== null ? port.id : null;
    set.mutate({ commodity, port_id, condition, value: read.value }, { onSuccess: onSet });
  }

  return (
    <form className={styles.form} noValidate onSubmit={submit}>
      <Segments
        label="Condition"
        wide
        value={condition}
        onChange={setCondition}
        options={[
          { value: 'price_above', label: 'Rises above' },
          { value: 'price_below', label: 'Falls below' },
        ]}
      />
      {port !== null && (
        <Segments
          label="Price of"
          wide
          value={scope}
          onChange={setScope}
          options={[
            { value: 'galaxy', label: 'Galaxy index' },
            { value: 'port', label: port.name },
          ]}
        />
      )}
      <Field
        label={`Price of ${commodityName(commodity).toLowerCase()}`}
        inputMode="numeric"
        autoComplete="off"
        suffix="cr"
        aside={market === undefined ? undefined : `index ${formatPrice(market.price)}`}
        hint="You are told once when it comes true, and again after it was false."
        value={text}
        error={fault ?? (set.error === null ? undefined : explain(set.error))}
        onChange={(event) => {
          setText(event.target.value);
          setFault(undefined);
          set.reset();
        }}
      />
      <Button type="submit" look="primary" wide busy={set.isPending}>
        Set alert
      </Button>
    </form>
  );
}
