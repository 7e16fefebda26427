// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.event;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.MetadataDefinition;
import jdk.jfr.Relational;

/**
 * Marks a field that holds a socket cookie: {@code getsockopt(SO_COOKIE)}, the hex number after
 * {@code sk:} in {@code ss -e}. The kernel never reuses a cookie. 0 means none.
 */
@MetadataDefinition
@Relational
@Label("Socket Id")
@Description("Relates a socket's events by its cookie (SO_COOKIE), which ss -e shows in hex as sk.")
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface SocketId {}
