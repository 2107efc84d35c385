package io.byssus.runtime.fiber;

/**
 * One call of {@link Fiber#cancel}, from then until an operation of the fiber has thrown it.
 *
 * <p><b>Ownership:</b> made by any thread; read by the fiber.
 */
final class CancelRequest {
    /** For messages: empty, or what cancels. */
    final String reason;

    /** Whether the interrupt that delivers it was set; from then on a clear status has a reason. */
    volatile boolean sent;

    CancelRequest(String reason) {
        this.reason = reason;
    }
}
