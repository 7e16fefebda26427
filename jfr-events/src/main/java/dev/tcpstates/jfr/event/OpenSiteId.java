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
 * Marks a field that holds the number of an {@link OpenSite}, unique within one JVM. 0 means
 * unknown.
 */
@MetadataDefinition
@Relational
@Label("Open Site Id")
@Description("Relates the sockets that were opened at the same call site.")
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface OpenSiteId {}
