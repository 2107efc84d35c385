package io.byssus.runtime.fiber;

/**
 * Marks an exception that a peer can cause at will, such as a connection reset: a fiber that ends
 * with it, unjoined, is logged at debug level only, and at a bounded rate.
 */
public interface ExpectedFailure {}
