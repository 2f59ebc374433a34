{% test row_count_recorded(model, load_log, table_name) %}
    {#- A raw table holds as many rows as the last load of it recorded in the load log; no record fails too. -#}
    with counts as (

        select
            (select count(*) from {{ model }}) as actual,
            (select max(row_count) from {{ load_log }} where table_name = '{{ table_name }}') as expected

    )

    select * from counts
    where actual <> coalesce(expected, -1)
{% endtest %}
