import { useMutation, useQuery } from '@tanstack/react-query';

import { explain } from '../../connection/problem';
import type { ConversationSummary } from '../../protocol/conversation';
import { useAnnounce, useConversation, useServices } from '../../store/services';
import { resourceKeys } from '../../store/resourceKeys';
import { Button } from '../../ui/Button';
import { formatLocalTime } from '../../ui/format';
import { Icon } from '../../ui/Icon';
import { Empty, Failed, Loading } from '../../ui/State';
import styles from './ConversationList.module.css';

/** The conversations that the server keeps, to go on with or to delete. */
export function ConversationList({ onOpened }: { readonly onOpened: () => void }) {
  const { aria } = useServices();
  const kept = useQuery({
    queryKey: resourceKeys.conversations,
    queryFn: () => aria.conversations(),
    staleTime: 0,
  });
  if (kept.data === undefined) {
    return kept.error === null ? (
      <Loading label="Loading your conversations" />
    ) : (
      <Failed reason={explain(kept.error)} onRetry={() => void kept.refetch()} />
    );
  }
  if (kept.data.conversations.length === 0) {
    return (
      <Empty title="No earlier conversations">What you say is kept until you delete it.</Empty>
    );
  }
  return (
    <ul className={styles.list} aria-label="Earlier conversations">
      {kept.data.conversations.map((summary) => (
        <ConversationRow key={summary.conversation_id} summary={summary} onOpened={onOpened} />
      ))}
    </ul>
  );
}

interface ConversationRowProps {
  readonly summary: ConversationSummary;
  readonly onOpened: () => void;
}

function ConversationRow({ summary, onOpened }: ConversationRowProps) {
  const { aria, conversation, resources } = useServices();
  const announce = useAnnounce();
  const current = useConversation().conversationId;
  const id = summary.conversation_id;
  const onError = (error: unknown) => announce('bad', explain(error));
  const open = useMutation({
    mutationFn: () => aria.conversation(id),
    onSuccess: (earlier) => {
      conversation.reopen(earlier);
      onOpened();
    },
    onError,
  });
  const remove = useMutation({
    mutationFn: () => aria.delete(id),
    onSuccess: () => {
      if (current === id) conversation.begin();
      announce('plain', 'The conversation is deleted.');
    },
    onError,
    onSettled: () => resources.invalidateQueries({ queryKey: resourceKeys.conversations }),
  });
  return (
    <li className={styles.row}>
      <button type="button" className={styles.open} onClick={() => open.mutate()}>
        <span className={styles.title}>{summary.title}</span>
        <span className={styles.detail}>
          {formatLocalTime(summary.updated_at)} · {summary.messages} messages
        </span>
      </button>
      <Button
        look="quiet"
        small
        aria-label={`Delete the conversation ${summary.title}`}
        busy={remove.isPending}
        onClick={() => remove.mutate()}
      >
        <Icon name="bin" size={16} />
      </Button>
    </li>
  );
}
