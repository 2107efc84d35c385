package io.byssus.stack;

import io.byssus.net.spi.ListenGroup;

/** One shard's part of a {@link ListenGroup}, as steering sees it. */
interface ShardListener extends ListenGroup.Member {
    int shard();
}
