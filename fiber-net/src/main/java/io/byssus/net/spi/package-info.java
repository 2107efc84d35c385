/**
 * What a network stack implements: the posix stack of this module, the native stack, a simulated
 * one.
 *
 * <p>May import the runtime's public packages and the option types of {@code io.byssus.net}.
 */
package io.byssus.net.spi;
