/**
 * Servers in straight-line code, each in one file that can be read from top to bottom.
 *
 * <p>May import the public packages of the runtime and of {@code io.byssus.net} only.
 */
package io.byssus.examples;
