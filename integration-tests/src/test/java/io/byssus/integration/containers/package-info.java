/** The examples' image against clients in containers of their own. */
package io.byssus.integration.containers;
