package io.byssus.runtime.fiber;

/** The one place that turns an interrupt into the exception of a parked operation. */
public final class Cancellations {
    private Cancellations() {}

    /**
     * For an operation that was parked and found the calling thread interrupted, after it has
     * cleared the interrupt status and taken back what it had begun. To be called once for each
     * interrupt that was found: it notes that the request behind it was delivered.
     *
     * @param what the operation, or what it waited for
     * @return to be thrown
     */
    public static FiberCancelledException exception(Object what) {
        return CancelScope.deliver(what);
    }
}
