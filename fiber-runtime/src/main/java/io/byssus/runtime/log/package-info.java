/**
 * Logging that a carrier may do: the message is handed to a thread of its own, because an
 * appender's lock that a fiber could hold would stop the shard for ever.
 *
 * <p>May import the JDK and JCTools. Any thread.
 */
package io.byssus.runtime.log;
