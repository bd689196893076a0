-- A list holds few of all conversations, and is read with every page: none is passed over any more to find them.
CREATE INDEX conversations_pinned ON conversations (updated_at DESC, id DESC) WHERE pinned_at IS NOT NULL;
CREATE INDEX conversations_archived ON conversations (updated_at DESC, id DESC) WHERE archived_at IS NOT NULL;
CREATE INDEX conversations_loose ON conversations (updated_at DESC, id DESC)
    WHERE pinned_at IS NULL AND archived_at IS NULL AND folder_id IS NULL
        AND deleted_at IS NULL AND temporary = 0;
DROP INDEX conversations_by_update;
