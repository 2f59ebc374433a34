{% macro generate_schema_name(custom_schema_name, node) -%}
    {#- The schema of a layer as var('schemas') names it, after the dataset prefix on BigQuery. -#}
    {%- if custom_schema_name is none -%}
        {{ target.schema }}
    {%- else -%}
        {%- set schema = var('schemas').get(custom_schema_name, custom_schema_name) -%}
        {{ target.schema ~ '_' ~ schema if target.type == 'bigquery' else schema }}
    {%- endif -%}
{%- endmacro %}
