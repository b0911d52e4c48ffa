#include <sqlite3.h>

/* The sum of the numbers from 1 to n, as SQLite counts it. */
int counting_sum(int n) {
    sqlite3 *db;
    sqlite3_stmt *query;
    int sum = -1;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK)
        return -1;
    const char *text = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ?) SELECT sum(i) FROM c";
    if (sqlite3_prepare_v2(db, text, -1, &query, 0) == SQLITE_OK) {
        sqlite3_bind_int(query, 1, n);
        if (sqlite3_step(query) == SQLITE_ROW)
            sum = sqlite3_column_int(query, 0);
        sqlite3_finalize(query);
    }
    sqlite3_close(db);
    return sum;
}
