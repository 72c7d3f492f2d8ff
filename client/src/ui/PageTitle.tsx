import { useEffect } from 'react';

import styles from './PageTitle.module.css';

/** Name the page in the browser's title, and as its first heading for those who cannot see it. */
export function PageTitle({ text }: { readonly text: string }) {
  useDocumentTitle(text);
  return <h1 className={styles.spoken}>{text}</h1>;
}

/** Name the page in the browser's title while the component is shown. */
export function useDocumentTitle(text: string): void {
  useEffect(() => {
    document.title = `${text} · Sectorwars 2102`;
  }, [text]);
}
