import { Fragment, type ReactNode } from 'react';

import { Button } from './Button';
import styles from './RecordList.module.css';
import { type Column, Table } from './Table';

interface RecordListProps<Item> {
  /** What the records are, for those who cannot see them. */
  readonly label: string;
  readonly items: readonly Item[];
  readonly keyOf: (item: Item) => string;
  readonly columns: readonly Column[];
  /** A `tr` with a cell for each column. */
  readonly row: (item: Item) => ReactNode;
  /** What a phone shows instead of the row. */
  readonly card: (item: Item) => ReactNode;
}

/** Records: a table where there is room for one, cards on a phone. */
export function RecordList<Item>(props: RecordListProps<Item>) {
  const { label, items, keyOf, columns, row, card } = props;
  return (
    <>
      <div className={styles.wide}>
        <Table label={label} columns={columns}>
          {items.map((item) => (
            <Fragment key={keyOf(item)}>{row(item)}</Fragment>
          ))}
        </Table>
      </div>
      <ul className={styles.narrow} aria-label={label}>
        {items.map((item) => (
          <Fragment key={keyOf(item)}>{card(item)}</Fragment>
        ))}
      </ul>
    </>
  );
}

interface RecordCardProps {
  readonly title: ReactNode;
  readonly note: ReactNode;
  /** Beside the title, to the right. */
  readonly figure: ReactNode;
  readonly detail: ReactNode;
}

/** A record on a phone: what it is to the left, its figures to the right. */
export function RecordCard({ title, note, figure, detail }: RecordCardProps) {
  return (
    <li className={styles.card}>
      <div>
        {title}
        <div className={styles.note}>{note}</div>
      </div>
      <div className={styles.figures}>
        <div>{figure}</div>
        <div className={styles.note}>{detail}</div>
      </div>
    </li>
  );
}

interface MoreRecordsProps {
  /** What the button says. */
  readonly text: string;
  readonly pages: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => unknown;
  };
}

/** Asks for the next page of records, while there is one. */
export function MoreRecords({ text, pages }: MoreRecordsProps) {
  if (!pages.hasNextPage) return null;
  return (
    <div className={styles.more}>
      <Button busy={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
        {text}
      </Button>
    </div>
  );
}
