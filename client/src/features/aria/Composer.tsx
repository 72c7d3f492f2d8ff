import { type KeyboardEvent, type SubmitEvent, useEffect, useRef, useState } from 'react';

import { MESSAGE_LENGTH_MAX } from '../../protocol/conversation';
import { Button } from '../../ui/Button';
import { Icon } from '../../ui/Icon';
import styles from './Composer.module.css';

interface ComposerProps {
  readonly waiting: boolean;
  readonly onSay: (text: string) => void;
}

/** The line to ARIA: Enter sends, Shift and Enter begin a new line. */
export function Composer({ waiting, onSay }: ComposerProps) {
  const [text, setText] = useState('');
  const input = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    input.current?.focus();
  }, []);

  function say(): void {
    if (waiting || text.trim() === '') return;
    onSay(text.trim());
    setText('');
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    say();
  }
  function onSubmit(event: SubmitEvent): void {
    event.preventDefault();
    say();
  }
  return (
    <form className={styles.composer} onSubmit={onSubmit}>
      <textarea
        ref={input}
        className={styles.input}
        rows={2}
        maxLength={MESSAGE_LENGTH_MAX}
        aria-label="Message to ARIA"
        placeholder="Ask ARIA"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <Button type="submit" look="primary" aria-label="Send" busy={waiting}>
        <Icon name="send" />
      </Button>
    </form>
  );
}
