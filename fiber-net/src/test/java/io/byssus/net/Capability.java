package io.byssus.net;

/**
 * What a stack may lack by its nature. The contract's tests hold such a stack to saying so, in a
 * sentence; they do not skip it.
 */
enum Capability {
    /** {@code TCP_INFO}. */
    TCP_INFO,
    /** {@code TCP_USER_TIMEOUT}. */
    USER_TIMEOUT,
    /** Waits of less than a millisecond. Without, they are rounded up. */
    SHORT_WAITS,
    /** Several datagrams in a call. Without, there is a call for each. */
    DATAGRAM_BATCHES,
    /** Unix sockets that are in no file system. */
    ABSTRACT_NAMES,
    /** The numbers of a Unix socket's peer. */
    PEER_CREDENTIALS
}
