{% test row_count_equals(model, compare_to, compare_where='true') %}
    {#-
        The table has as many rows as another one, or as those of its rows for which `compare_where` holds.
        To count only some rows of the tested table, use dbt's own `config: {where: ...}`.
    -#}
    with counts as (

        select
            (select count(*) from {{ model }}) as actual,
            (select count(*) from {{ compare_to }} where {{ compare_where }}) as expected

    )

    select * from counts
    where actual <> expected
{% endtest %}
